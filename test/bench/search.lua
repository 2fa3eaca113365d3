-- GET of a search for two words of those that test/bench/seed.sql writes, frequent and rare ones.
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "report.lua")

local words = {
  "page", "button", "again", "version", "user", "login", "empty", "browser", "request", "server", "timeout", "click",
  "form", "upload", "error", "message", "network", "session", "password", "export", "invoice", "payment", "basket",
  "shipping", "printer", "keyboard", "unicode", "timezone", "voucher", "captcha", "thumbnail", "kerning", "zeppelin",
}
local parts
local random = math.random

function init(args)
  parts = cut(wrk.format("GET", "/api/v1/issues?q=" .. mark(3)))
  math.randomseed(os.time())
end

function request()
  return parts[1] .. words[random(#words)] .. "+" .. words[random(#words)] .. parts[2]
end
