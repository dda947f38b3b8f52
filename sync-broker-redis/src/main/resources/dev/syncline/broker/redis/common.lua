-- Put before every script. Scripts replicate their effects, not themselves: they read the clock.
if redis.replicate_commands then redis.replicate_commands() end

local function now_millis()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- A number of Lua as decimal digits, without exponent.
local function digits(number)
  return string.format('%.0f', number)
end

-- The value behind a name in a flat list of names and values, as XINFO answers.
local function field(flat, name)
  for i = 1, #flat, 2 do
    if flat[i] == name then return flat[i + 1] end
  end
  return nil
end

-- Whether entry id a is lower than b. As digits, since the numbers of Lua would round.
local function lower(a, b)
  local a1, a2 = string.match(a, '^(%d+)-(%d+)$')
  local b1, b2 = string.match(b, '^(%d+)-(%d+)$')
  if a1 ~= b1 then return #a1 < #b1 or (#a1 == #b1 and a1 < b1) end
  return #a2 < #b2 or (#a2 == #b2 and a2 < b2)
end

-- What XINFO GROUPS says of one group, nil if the stream has no such group.
local function group_info(stream, group)
  for _, info in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    if field(info, 'name') == group then return info end
  end
  return nil
end

local function first_id(stream)
  local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)
  return first[1] and first[1][1]
end

-- Why it cannot be excluded that entries after id were dropped unread, nil if it can. Retention drops the oldest first
-- and, where it is ours, never what a group has still to read, nor the entry that it read last: as long as that entry,
-- or any older one, is there, nothing behind it was dropped.
local function gap_after(stream, id)
  if id == '0-0' then return nil end
  if #redis.call('XRANGE', stream, id, id) == 1 then return nil end
  local first = first_id(stream)
  if first and lower(first, id) then return nil end
  local info = redis.call('XINFO', 'STREAM', stream)
  local newest = field(info, 'last-generated-id')
  if lower(newest, id) then
    return 'the newest entry is ' .. newest .. ', older than ' .. id .. ', which was read before'
  end
  local deleted = field(info, 'max-deleted-entry-id')
  if deleted then
    if deleted == id then return nil end
  elseif newest == id then
    return nil
  end
  return 'entry ' .. id .. ', read last, is gone, and the oldest one is now ' .. (first or 'none')
end
