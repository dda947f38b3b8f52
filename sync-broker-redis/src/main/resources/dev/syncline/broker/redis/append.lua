-- Appends messages in order and stops at the first that fails.
-- KEYS: 1 stream, 2 topic
-- ARGV: 1 partitions, 2 incarnation or '', then per message: number of arguments, field, value, field, ...
-- Answers OK, the incarnation, the ids of those appended, and the error that stopped it or ''.
local topic = redis.call('HMGET', KEYS[2], 'partitions', 'incarnation', 'last')
if topic[1] ~= ARGV[1] then return {'MISSING'} end
if ARGV[2] ~= '' and topic[2] ~= ARGV[2] then return {'ANOTHER'} end
if topic[3] and redis.call('EXISTS', KEYS[1]) == 0 then
  -- said once; what comes next makes the stream anew, and its groups will miss what was there
  redis.call('HDEL', KEYS[2], 'last')
  return {'GONE', topic[3]}
end
local ids, failure = {}, ''
local i = 3
while i <= #ARGV do
  local count = tonumber(ARGV[i])
  local id = redis.pcall('XADD', KEYS[1], '*', unpack(ARGV, i + 1, i + count))
  if type(id) == 'table' then
    failure = id.err
    break
  end
  ids[#ids + 1] = id
  i = i + count + 1
end
if #ids > 0 then
  -- what is appended is appended: a failure here is none of the messages
  redis.pcall('HSET', KEYS[2], 'last', ids[#ids])
end
return {'OK', topic[2], ids, failure}
