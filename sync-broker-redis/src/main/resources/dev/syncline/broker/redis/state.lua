-- Put before every script on the state of a partition: nobody gets past it but who took the partition last.
-- KEYS: 1 scope        ARGV: 1 partition, 2 token
local scope = KEYS[1]
if redis.call('HGET', scope, ARGV[1]) ~= ARGV[2] then return {'LOST'} end

-- Ids lie in slices, numbered as they were begun, in places that are used again.
local PLACES = 32
local function slice(number)
  return scope .. ':ids:' .. (number % PLACES)
end
local slices = redis.call('HMGET', scope, 'oldest', 'newest')
local oldest, newest = tonumber(slices[1] or '1'), tonumber(slices[2] or '0')

-- The value of an entry and the hash that it lies in; false if it is not there.
local function find(tab, field)
  if tab ~= 'ids' then
    local hash = scope .. ':' .. tab
    return redis.call('HGET', hash, field), hash
  end
  for number = newest, oldest, -1 do
    local value = redis.call('HGET', slice(number), field)
    if value then return value, slice(number) end
  end
  return false
end

-- Whether index a is below index b, as digits, since the numbers of Lua would round.
local function below(a, b)
  return #a < #b or (#a == #b and a < b)
end
