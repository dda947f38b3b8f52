-- Makes one partition of a topic, unless it is there. Answers what it is now.
-- KEYS: 1 topic        ARGV: 1 partitions, 2 rule, 3 incarnation
if redis.call('HEXISTS', KEYS[1], 'partitions') == 0 then
  redis.call('HSET', KEYS[1], 'partitions', ARGV[1], 'rule', ARGV[2], 'incarnation', ARGV[3])
end
return redis.call('HMGET', KEYS[1], 'partitions', 'rule', 'incarnation')
