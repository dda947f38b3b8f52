-- Drops what lies below an index of the log of the partition.
-- ARGV: 3 index
redis.call('XTRIM', scope .. ':log:' .. ARGV[1], 'MINID', ARGV[3] .. '-0')
return {'OK'}
