-- What wrk sends: wrk ... -s load.lua URL -- KIND KEY IDS
-- KIND is get, award or mixed; IDS is a file with an id a line. Tells what came of it in one line.

local requests = {}
local position = 0

local function add(method, path, body)
  local headers = { ["X-API-Key"] = KEY, ["Content-Type"] = body and "application/json" or nil }
  requests[#requests + 1] = wrk.format(method, BASE .. path, headers, body)
end

local function get(id)
  add("GET", "/participants/" .. id)
end

local function award(id)
  add("POST", "/points/award", '{"participant_id":"' .. id .. '","amount":5}')
end

-- Of twenty: twelve profiles, two states, three awards, an event, a history and a page of a list.
local function mixed(id)
  local turn = #requests % 20
  if turn < 12 then
    get(id)
  elseif turn < 14 then
    add("GET", "/participants/" .. id .. "/state")
  elseif turn < 17 then
    award(id)
  elseif turn < 18 then
    add("POST", "/events", '{"participant_id":"' .. id .. '","event_name":"visited"}')
  elseif turn < 19 then
    add("GET", "/participants/" .. id .. "/points/transactions?limit=20")
  else
    add("GET", "/admin/participants?limit=20")
  end
end

local kinds = { get = get, award = award, mixed = mixed }

function init(arguments)
  BASE, KEY = wrk.path, arguments[2]
  for id in io.lines(arguments[3]) do
    kinds[arguments[1]](id)
  end
end

function request()
  position = position % #requests + 1
  return requests[position]
end

function done(summary, latency)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    "told %d %d %d %d %d %d\n",
    summary.requests, summary.duration, errors.status, broken,
    latency:percentile(50), latency:percentile(99)
  ))
end
