-- Logs in as one user: wrk -s login.lua http://host -- EMAIL PASSWORD
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "report.lua")

local text

function init(args)
  wrk.headers["Content-Type"] = "application/json"
  text = wrk.format("POST", "/api/v1/auth/login", nil,
    string.format('{"email":"%s","password":"%s"}', args[1], args[2]))
end

function request()
  return text
end
