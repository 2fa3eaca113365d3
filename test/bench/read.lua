-- GET of a path with a random number from 1 to MAX, as 12 hexadecimal digits where the path says {n}.
--   wrk -s read.lua http://host -- /api/v1/issues/0000c000-0000-7000-8000-{n} 100000
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "report.lua")

local parts, most
local random, format = math.random, string.format

function init(args)
  parts = cut(wrk.format("GET", (args[1]:gsub("{n}", mark(12)))))
  most = tonumber(args[2])
  math.randomseed(os.time())
end

function request()
  return parts[1] .. format("%012x", random(most)) .. parts[2]
end
