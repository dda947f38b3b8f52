-- After a new connection: a new token, so that what the old connection may still have under way is refused.
-- ARGV: 3 lease in milliseconds, 4 group
local info = redis.call('EXISTS', KEYS[1]) == 1 and group_info(KEYS[1], ARGV[4])
local newest = info and field(redis.call('XINFO', 'STREAM', KEYS[1]), 'last-generated-id')
-- last, since what fails before must leave the token that the client knows
local now = now_millis()
local token = digits(math.max(tonumber(ARGV[2]) + 1, now))
redis.call('HSET', KEYS[2], 'token', token, 'until', digits(now + ARGV[3]))
return {'OK', token, info and field(info, 'last-delivered-id') or '', newest or ''}
