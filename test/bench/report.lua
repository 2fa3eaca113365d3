-- Included by each script for wrk: what was measured, as one line of JSON (times in microseconds).

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"us":%d,"p50":%d,"p99":%d,"status":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect, errors.read, errors.write, errors.timeout))
end

-- A run of "@" stands for what differs from request to request, in its width, so that Content-Length is right.
function mark(width)
  return string.rep("@", width)
end

-- The parts of a request between its marks. Making one is then a concatenation: wrk.format takes longer than a
-- fast server's answer.
function cut(request)
  local parts = {}
  for part in (request .. "@"):gmatch("(.-)@+") do
    parts[#parts + 1] = part
  end
  return parts
end
