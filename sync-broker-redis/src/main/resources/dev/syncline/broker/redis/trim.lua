-- Drops what retention allows, and nothing that a group of the stream, ours or not, has still to read or to acknowledge.
-- KEYS: 1 stream        ARGV: 1 milliseconds to keep or '', 2 number of entries to keep or '', 3 most to drop by number
local cap = nil
local function keep(id)
  if id and (not cap or lower(id, cap)) then cap = id end
end
if redis.call('EXISTS', KEYS[1]) == 0 then return {'OK', 0} end
for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local name = field(info, 'name')
  keep(field(info, 'last-delivered-id'))
  if field(info, 'pending') > 0 then keep(redis.call('XPENDING', KEYS[1], name)[2]) end
  keep(redis.call('HGET', KEYS[1] .. ':group:' .. name, 'position'))
end
local function trim_below(id)
  if cap and lower(cap, id) then id = cap end
  return redis.call('XTRIM', KEYS[1], 'MINID', id)
end
local dropped = 0
if ARGV[1] ~= '' then dropped = trim_below(digits(math.max(now_millis() - ARGV[1], 0)) .. '-0') end
if ARGV[2] ~= '' then
  local budget = tonumber(ARGV[3])
  local excess = math.min(redis.call('XLEN', KEYS[1]) - tonumber(ARGV[2]), budget)
  while excess > 0 do
    -- few at a time: an entry may be large, and is copied to be looked at
    local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', math.min(excess, 16) + 1)
    local count = trim_below(oldest[#oldest][1])
    if count == 0 then break end
    dropped = dropped + count
    excess = excess - count
  end
end
return {'OK', dropped}
