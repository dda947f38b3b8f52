-- Says that a member is alive, or that it leaves, and answers who is alive and until when, topic by topic.
-- KEYS: 1 topics of the group, 2... members of each topic
-- ARGV: 1 owner, 2 how long it counts as alive in milliseconds, 0 to leave, 3... topics
local now = now_millis()
local alive = {}
for i = 2, #KEYS do
  if ARGV[2] == '0' then
    redis.call('ZREM', KEYS[i], ARGV[1])
  else
    redis.call('ZADD', KEYS[i], digits(now + ARGV[2]), ARGV[1])
    if redis.call('SISMEMBER', KEYS[1], ARGV[i + 1]) == 0 then redis.call('SADD', KEYS[1], ARGV[i + 1]) end
  end
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', digits(now))
  -- further ahead than any lease: the server's clock was set back
  redis.call('ZREMRANGEBYSCORE', KEYS[i], digits(now + 3600001), '+inf')
  alive[i - 1] = redis.call('ZRANGE', KEYS[i], 0, -1, 'WITHSCORES')
end
return alive
