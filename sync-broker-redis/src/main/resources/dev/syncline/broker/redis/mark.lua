-- Keeps beside the position that data is missing, until somebody says where to go on.
-- ARGV: 3 what is missing
redis.call('HSET', KEYS[2], 'gap', ARGV[3])
return {'OK'}
