-- Moves the group's position forward and acknowledges every entry up to it. Answers OK and how far the group has read, or ''
-- if that was not asked.
-- ARGV: 3 group, 4 position, 5 metadata, 6 1 if the group may not have read so far yet, else 0
local stream, group, position = KEYS[1], ARGV[3], ARGV[4]
local state = redis.call('HMGET', KEYS[2], 'position', 'gap')
-- after data was lost the old position means nothing, and the new one is where somebody said to go on
if state[1] and lower(position, state[1]) and not state[2] then return {'OK', ''} end
redis.call('HSET', KEYS[2], 'position', position, 'metadata', ARGV[5])
redis.call('HDEL', KEYS[2], 'gap')

while true do
  local pending = redis.pcall('XPENDING', stream, group, '-', position, 500)
  -- no stream or no group: whoever reads next will find out
  if pending.err or #pending == 0 then break end
  local ids = {}
  for i, one in ipairs(pending) do ids[i] = one[1] end
  redis.call('XACK', stream, group, unpack(ids))
  if #ids < 500 then break end
end
local delivered = ''
if ARGV[6] == '1' and redis.call('EXISTS', stream) == 1 then
  local info = group_info(stream, group)
  if info then
    delivered = field(info, 'last-delivered-id')
    if lower(delivered, position) then
      redis.call('XGROUP', 'SETID', stream, group, position)
      delivered = position
    end
  end
end
return {'OK', delivered}
