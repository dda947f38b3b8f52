-- Reads entries: for each '=' and its value, or nothing where it is not there.
-- ARGV: from 3 on table, field, ...
local found = {'OK'}
for i = 3, #ARGV, 2 do
  local value = find(ARGV[i], ARGV[i + 1])
  found[#found + 1] = value and '=' .. value or ''
end
return found
