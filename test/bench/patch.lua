-- Changes the titles of the issues FIRST .. FIRST + COUNT - 1, whose versions are 1 at the start. An issue waits
-- in a queue, is taken out by a request, and comes back with the version that the answer names: so each is
-- changed by one request at a time, with the right version. COUNT must be more than the connections.
--   wrk -t1 -s patch.lua http://host -- FIRST COUNT
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "report.lua")

local ids, versions = {}, {}
local head, tail = 1, 0
local parts_by_digits = {}

local function put(id, version)
  tail = tail + 1
  ids[tail], versions[tail] = id, version
end

function init(args)
  wrk.headers["Content-Type"] = "application/json"
  for digits = 1, 6 do
    parts_by_digits[digits] = cut(wrk.format("PATCH", "/api/v1/issues/" .. mark(36), nil,
      '{"title":"Version ' .. mark(digits) .. '","version":' .. mark(digits) .. "}"))
  end
  for n = tonumber(args[1]), args[1] + args[2] - 1 do
    put(string.format("0000c000-0000-7000-8000-%012x", n), 1)
  end
end

function request()
  local id, version = ids[head], tostring(versions[head])
  local parts = parts_by_digits[#version]
  ids[head], versions[head] = nil, nil
  head = head + 1
  return parts[1] .. id .. parts[2] .. version .. parts[3] .. version .. parts[4]
end

function response(status, _, body)
  if status == 200 then
    put(body:match('"id":"([^"]+)"'), tonumber(body:match('"version":(%d+)')))
  end
end
