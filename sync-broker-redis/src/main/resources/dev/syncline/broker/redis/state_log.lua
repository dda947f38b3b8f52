-- Reads the log of the partition.
-- ARGV: 3 lowest index, 4 most entries
local found = {}
for _, entry in ipairs(redis.call('XRANGE', scope .. ':log:' .. ARGV[1], ARGV[3] .. '-0', '+', 'COUNT', ARGV[4])) do
  found[#found + 1] = string.match(entry[1], '^%d+')
  found[#found + 1] = entry[2][2]
end
return {'OK', redis.call('HGET', scope, 'log:' .. ARGV[1]) or '0', found}
