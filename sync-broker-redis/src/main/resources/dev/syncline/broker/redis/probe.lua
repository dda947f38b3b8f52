-- Tries every command that this client is going to need, in a form that changes nothing, and answers all errors: most are
-- about that form, but one about permission or type says that the real command would fail.
-- KEYS: 1 stream, 2 topic, then to subscribe 3 state of the group, 4 topics of the group, 5 its members
-- ARGV: 1 rule of the topic, then to subscribe 2 group, 3 consumer
local errors = {}
local function try(command, ...)
  local reply = redis.pcall(command, ...)
  if type(reply) == 'table' and reply.err then
    local first = ...
    errors[#errors + 1] = {command, string.sub(command, 1, 1) == 'X' and KEYS[1] or first, reply.err}
  end
end
-- not the very last id: to XREADGROUP that one means >, which takes a new entry away from whoever reads the group
local end_of_time = '18446744073709551615-18446744073709551614'
try('HMGET', KEYS[2], 'partitions')
try('EXISTS', KEYS[1])
try('XLEN', KEYS[1])
try('XRANGE', KEYS[1], end_of_time, '+')
try('XINFO', 'GROUPS', KEYS[1])
if #KEYS == 2 then
  try('XADD', KEYS[1], '0-0', 'field', 'value')
  try('XTRIM', KEYS[1], 'MINID', '0-0')
  try('HSET', KEYS[2], 'rule', ARGV[1])
else
  try('XINFO', 'STREAM', KEYS[1])
  try('XREAD', 'COUNT', 1, 'STREAMS', KEYS[1], end_of_time)
  try('XGROUP', 'CREATE', KEYS[1], ARGV[2], 'no id')
  try('XREADGROUP', 'GROUP', ARGV[2], ARGV[3], 'COUNT', 1, 'STREAMS', KEYS[1], end_of_time)
  try('XPENDING', KEYS[1], ARGV[2])
  try('XACK', KEYS[1], ARGV[2], '0-0')
  try('HMGET', KEYS[3], 'owner')
  try('HSET', KEYS[3], 'owner', '', 'no value')
  try('HDEL', KEYS[3], 'no field')
  try('SISMEMBER', KEYS[4], 'no topic')
  try('ZADD', KEYS[5], 'no score', 'no member')
  try('ZREM', KEYS[5], 'no member')
end
return {'OK', errors}
