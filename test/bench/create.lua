-- Creates issues, each in a random one of the 20 projects.
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "report.lua")

local parts
local made = 0
local random, format = math.random, string.format

function init()
  wrk.headers["Content-Type"] = "application/json"
  parts = cut(wrk.format("POST", "/api/v1/issues", nil, '{"project_id":"0000b000-0000-7000-8000-' .. mark(12)
    .. '","title":"Created ' .. mark(10) .. '","description":"Seen in version 7. Steps: open the page, wait, '
    .. 'and look again.","type":"bug","priority":"high"}'))
  math.randomseed(os.time())
end

function request()
  made = made + 1
  return parts[1] .. format("%012x", random(20)) .. parts[2] .. format("%010d", made) .. parts[3]
end
