-- Takes a partition of a scope under a new token; whoever had it is refused from now on.
-- KEYS: 1 scope        ARGV: 1 partition, 2 member, for people, 3 most ids, 4 retention of ids in milliseconds
local before = redis.call('HGET', KEYS[1], ARGV[1])
-- never a token that was there before, not even if the state was lost or set back
local token = digits(math.max(tonumber(before or '0') + 1, now_millis()))
redis.call('HSET', KEYS[1], ARGV[1], token, 'by:' .. ARGV[1], ARGV[2], 'most', ARGV[3], 'retention', ARGV[4])
return {'OK', token, before and 0 or 1}
