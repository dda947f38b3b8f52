-- Reads the next entries of a partition.
-- ARGV: 3 group, 4 consumer, 5 mode, 6 after which id, 7 up to which id (range), 8 most entries, 9 about most bytes,
--       10 id that must not have been trimmed away or ''
-- Modes: pending  what was read for the group before and is not acknowledged
--        new      what nobody has read for the group
--        range    whatever is there, the group is not touched
--        after    nothing: answers AT and the id; BEYOND if it is newer than all that is there
--        time     nothing: answers AT and the id, or the newest there is
--        newest   nothing: answers AT and the newest there is
local stream, group, consumer, mode, after = KEYS[1], ARGV[3], ARGV[4], ARGV[5], ARGV[6]

local function missing(what)
  redis.call('HSET', KEYS[2], 'gap', what)
  return {'GAP', what}
end

local is_there = redis.call('EXISTS', stream) == 1
if mode == 'after' or mode == 'time' or mode == 'newest' then
  local newest = is_there and field(redis.call('XINFO', 'STREAM', stream), 'last-generated-id') or '0-0'
  if mode ~= 'newest' and not lower(newest, after) then return {'AT', after} end
  return {mode == 'after' and 'BEYOND' or 'AT', newest}
end
if not is_there and (mode ~= 'range' or ARGV[10] ~= '') then return missing('the stream is gone') end
if ARGV[10] ~= '' then
  local gap = gap_after(stream, ARGV[10])
  if gap then return missing(gap) end
end

local function read(after_id, count)
  if mode == 'range' then
    return redis.call('XRANGE', stream, '(' .. after_id, ARGV[7], 'COUNT', count)
  end
  local from = mode == 'pending' and after_id or '>'
  local reply = redis.pcall('XREADGROUP', 'GROUP', group, consumer, 'COUNT', count, 'STREAMS', stream, from)
  if reply and reply.err then return reply end
  return reply and reply[1][2] or {}
end

local most, bytes_left = tonumber(ARGV[8]), tonumber(ARGV[9])
local entries, ghosts, count, step = {}, {}, 0, 8
local more = true
while more and count < most and bytes_left > 0 do
  local want = math.min(step, most - count)
  local chunk = read(after, want)
  if chunk.err then
    if not string.find(chunk.err, 'NOGROUP', 1, true) then return redis.error_reply(chunk.err) end
    -- somebody destroyed the group: where it stood is known here, and not at the end of the stream
    local state = redis.call('HMGET', KEYS[2], 'position', 'start')
    local begin = state[1] or state[2] or '0-0'
    local gap = gap_after(stream, begin)
    if gap then return missing(gap) end
    redis.call('XGROUP', 'CREATE', stream, group, begin)
    return {'RECREATED', begin}
  end
  for _, entry in ipairs(chunk) do
    after = entry[1]
    if entry[2] then
      entries[#entries + 1] = entry
      for _, part in ipairs(entry[2]) do bytes_left = bytes_left - #part end
    else
      ghosts[#ghosts + 1] = after
    end
  end
  count = count + #chunk
  more = #chunk == want
  step = math.min(step * 2, 128)
end

if #ghosts > 0 then
  local first = first_id(stream)
  if not first or lower(ghosts[1], first) then
    return missing('entry ' .. ghosts[1] .. ', read and not acknowledged, is gone, and the oldest one is now '
      .. (first or 'none'))
  end
  redis.call('XACK', stream, group, unpack(ghosts))
end
return {'OK', more and 1 or 0, after, entries, ghosts}
