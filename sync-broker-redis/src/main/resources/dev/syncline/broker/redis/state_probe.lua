-- Tries every command that the scripts on shared state need, in a form that changes nothing; see probe.lua.
-- KEYS: 1 a scope that is none
local errors = {}
local function try(command, ...)
  local reply = redis.pcall(command, ...)
  if type(reply) == 'table' and reply.err then errors[#errors + 1] = {command, KEYS[1], reply.err} end
end
try('HGET', KEYS[1], 'no field')
try('HMGET', KEYS[1], 'no field')
try('HSET', KEYS[1], 'no value')
try('HDEL', KEYS[1], 'no field')
try('HLEN', KEYS[1])
try('HKEYS', KEYS[1])
try('UNLINK', KEYS[1])
try('PEXPIRE', KEYS[1], 1)
try('ZADD', KEYS[1], 'no score', 'no member')
try('ZREM', KEYS[1], 'no member')
try('ZRANGEBYSCORE', KEYS[1], 0, 0)
try('SADD', KEYS[1])
try('SMEMBERS', KEYS[1])
try('XADD', KEYS[1], '0-0', 'field', 'value')
try('XRANGE', KEYS[1], '-', '+')
try('XTRIM', KEYS[1], 'MINID', '0-0')
return {'OK', errors}
