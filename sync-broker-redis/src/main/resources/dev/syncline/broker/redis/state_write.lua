-- Writes entries if each is still what it was when it was read; else none.
-- ARGV: from 3 on table, field, '=' and the value before or nothing, value, milliseconds to keep it or nothing, ...
for i = 3, #ARGV, 5 do
  local value = find(ARGV[i], ARGV[i + 1])
  if (value and '=' .. value or '') ~= ARGV[i + 2] then return {'CHANGED'} end
end

local now = now_millis()

-- The slice that takes new ids. It is full with an eighth of what is to be kept, or after an eighth of the time; with the
-- next one begins the end of the oldest: those that are too old, and those without which there are still enough.
local function slice_for_new()
  local limits = redis.call('HMGET', scope, 'most', 'retention', 'since:' .. (newest % PLACES))
  local most, retention = tonumber(limits[1]), tonumber(limits[2])
  if newest >= oldest and redis.call('HLEN', slice(newest)) * 8 < most
      and now - tonumber(limits[3] or '0') < retention / 8 then
    return slice(newest)
  end
  local total = 0
  for number = oldest, newest do total = total + redis.call('HLEN', slice(number)) end
  newest = newest + 1
  redis.call('HSET', scope, 'since:' .. (newest % PLACES), digits(now))
  while oldest < newest do
    local ended = tonumber(redis.call('HGET', scope, 'since:' .. ((oldest + 1) % PLACES)) or '0')
    local rest = total - redis.call('HLEN', slice(oldest))
    if now - ended < retention and rest < most and newest - oldest < PLACES then break end
    redis.call('UNLINK', slice(oldest))
    total = rest
    oldest = oldest + 1
  end
  redis.call('HSET', scope, 'oldest', digits(oldest), 'newest', digits(newest))
  return slice(newest), retention
end

for i = 3, #ARGV, 5 do
  local tab, field, value, keep = ARGV[i], ARGV[i + 1], ARGV[i + 3], ARGV[i + 4]
  local _, hash = find(tab, field)
  local begun
  if not hash then hash, begun = slice_for_new() end
  redis.call('HSET', hash, field, value)
  -- so that ids are forgotten also where none follow
  if begun then redis.call('PEXPIRE', hash, digits(math.ceil(begun * 1.25))) end
  if tab == 'guard' then
    local ends = scope .. ':guard:ends'
    if keep == '' then
      redis.call('ZREM', ends, field)
    else
      redis.call('ZADD', ends, digits(now + keep), field)
    end
    for _, gone in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', digits(now), 'LIMIT', 0, 8)) do
      redis.call('HDEL', scope .. ':guard', gone)
      redis.call('ZREM', ends, gone)
    end
  end
end
return {'OK'}
