-- How many entries lie after the group's position; an upper bound if there are many.
-- KEYS: 1 stream, 2 state of the group        ARGV: 1 group, 2 most entries to count, 3 about most bytes to look at
if redis.call('EXISTS', KEYS[1]) == 0 then return {'UNKNOWN'} end
local info = group_info(KEYS[1], ARGV[1])
if not info then return {'UNKNOWN'} end
local unread = field(info, 'lag')
if unread then return {'OK', unread + field(info, 'pending')} end
-- before Redis 7, and after deletions, the server does not know
local state = redis.call('HMGET', KEYS[2], 'position', 'start')
local after = state[1] or state[2] or '0-0'
local count, bytes_left = 0, tonumber(ARGV[3])
while count < tonumber(ARGV[2]) and bytes_left > 0 do
  local chunk = redis.call('XRANGE', KEYS[1], '(' .. after, '+', 'COUNT', 16)
  for _, entry in ipairs(chunk) do
    after = entry[1]
    for _, part in ipairs(entry[2]) do bytes_left = bytes_left - #part end
  end
  count = count + #chunk
  if #chunk < 16 then return {'OK', count} end
end
return {'OK', redis.call('XLEN', KEYS[1])}
