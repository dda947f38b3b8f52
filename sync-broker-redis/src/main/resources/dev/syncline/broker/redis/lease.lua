-- Put before every script that changes what a group has of a partition: nobody gets past it but who holds the lease.
-- KEYS: 1 stream, 2 state of the group        ARGV: 1 owner, 2 token
do
  local lease = redis.call('HMGET', KEYS[2], 'owner', 'token')
  if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return {'LOST'} end
end
