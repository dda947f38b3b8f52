-- ARGV: 3 lease in milliseconds
redis.call('HSET', KEYS[2], 'until', digits(now_millis() + ARGV[3]))
return {'OK'}
