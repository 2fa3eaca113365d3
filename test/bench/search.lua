-- GET of a search for two words of those that test/bench/seed.sql writes: each other one is frequent, the rest are rare.
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "report.lua")

local words = {
  "button", "user", "login", "shows", "browser", "request", "server", "click", "list", "search", "error", "message",
  "session", "password", "filter", "payment", "shipping", "keyboard", "unicode", "voucher", "captcha", "kerning",
}
local parts
local random = math.random

function init(args)
  parts = cut(wrk.format("GET", "/api/v1/issues?q=" .. mark(3)))
  math.randomseed(os.time())
end

local function word()
  local w = words[random(#words)]
  return random(2) == 1 and w or w .. "x" .. random(39)
end

function request()
  return parts[1] .. word() .. "+" .. word() .. parts[2]
end
