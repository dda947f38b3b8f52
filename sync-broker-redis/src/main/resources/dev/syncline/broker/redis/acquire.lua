-- Takes the lease of a partition if it is free, expired or ours, under a new token, and sees to it that the group exists.
-- KEYS: 1 stream, 2 state of the group, 3 topic
-- ARGV: 1 owner, 2 lease in milliseconds, 3 group, 4 consumer, 5 start: 0-0 or $, 6 member, for people
if redis.call('HEXISTS', KEYS[3], 'partitions') == 0 then return {'MISSING'} end
local names = {'owner', 'token', 'until', 'lease', 'position', 'metadata', 'start', 'gap'}
local state = {}
for i, value in ipairs(redis.call('HMGET', KEYS[2], unpack(names))) do state[names[i]] = value or nil end

local now = now_millis()
local owner = state.owner or ''
if owner ~= '' and owner ~= ARGV[1] and tonumber(state['until']) > now then
  local latest = now + (tonumber(state.lease or '0'))
  -- longer than any lease of this holder: the server's clock was set back, and the lease would outlive a dead holder
  if tonumber(state['until']) > latest then redis.call('HSET', KEYS[2], 'until', digits(latest)) end
  return {'HELD'}
end

local stream_exists = redis.call('EXISTS', KEYS[1]) == 1
local info = stream_exists and group_info(KEYS[1], ARGV[3])
local gap = state.gap
if info then
  if field(info, 'pending') > 0 then
    for _, pending in ipairs(redis.call('XPENDING', KEYS[1], ARGV[3])[4] or {}) do
      if pending[1] ~= ARGV[4] then return {'FOREIGN', pending[1]} end
    end
  end
else
  local begin = state.position or state.start or ARGV[5]
  redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[3], begin, 'MKSTREAM')
  info = group_info(KEYS[1], ARGV[3])
  if begin ~= '$' then gap = gap or gap_after(KEYS[1], begin) end
end

local newest = field(redis.call('XINFO', 'STREAM', KEYS[1]), 'last-generated-id')
local delivered = field(info, 'last-delivered-id')
if not gap and lower(newest, state.position or '0-0') then
  gap = 'the newest entry is ' .. newest .. ', older than ' .. state.position .. ', which is acknowledged'
end

-- entries that are neither acknowledged nor pending, although the group has read them: somebody took them out by hand
local begin = state.position or state.start or delivered
local unsettled = redis.call('XRANGE', KEYS[1], '(' .. begin, delivered, 'COUNT', 1)[1]
local pending = redis.call('XPENDING', KEYS[1], ARGV[3])
local reread = unsettled and (pending[1] == 0 or lower(unsettled[1], pending[2]))

-- never a token that was there before, not even if the state was lost or set back
local token = digits(math.max((tonumber(state.token or '0')) + 1, now))
redis.call('HSET', KEYS[2], 'owner', ARGV[1], 'token', token, 'until', digits(now + ARGV[2]),
  'lease', ARGV[2], 'member', ARGV[6])
if not state.start then redis.call('HSET', KEYS[2], 'start', delivered) end
if gap then redis.call('HSET', KEYS[2], 'gap', gap) end
return {
  'OK', token, state.position or '', state.metadata or '', state.start or delivered, delivered, newest,
  redis.call('HGET', KEYS[3], 'incarnation'), gap or '', reread and 1 or 0
}
