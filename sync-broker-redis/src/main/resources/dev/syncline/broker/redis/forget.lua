-- Drops what a group has of a partition, unless somebody holds its lease.
-- KEYS: 1 stream, 2 state of the group        ARGV: 1 group, 2 1 to look only
local state = redis.call('HMGET', KEYS[2], 'owner', 'until', 'member')
if state[1] and state[1] ~= '' and tonumber(state[2]) > now_millis() then return {'HELD', state[3] or ''} end
if ARGV[2] == '1' then return {'OK'} end
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('XGROUP', 'DESTROY', KEYS[1], ARGV[1]) end
redis.call('DEL', KEYS[2])
return {'OK'}
