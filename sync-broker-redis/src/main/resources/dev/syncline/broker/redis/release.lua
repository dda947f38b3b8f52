-- Lets go of the lease; the token stays, so that the next one is higher.
redis.call('HSET', KEYS[2], 'owner', '', 'until', '0')
return {'OK'}
