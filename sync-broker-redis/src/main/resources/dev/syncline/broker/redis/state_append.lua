-- Appends entries to the log of the partition, but for those that are there already.
-- ARGV: from 3 on index, data, ...
local log, field = scope .. ':log:' .. ARGV[1], 'log:' .. ARGV[1]
local last = redis.call('HGET', scope, field) or '0'
for i = 3, #ARGV, 2 do
  if below(last, ARGV[i]) then
    last = ARGV[i]
    redis.call('XADD', log, last .. '-0', 'e', ARGV[i + 1])
    redis.call('HSET', scope, field, last)
  end
end
return {'OK'}
