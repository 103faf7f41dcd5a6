-- Counters that share nothing.
local function counter()
  local count = 0
  return function()
    count = count + 1
    return count
  end
end

local a, b = counter(), counter()
print(a(), a(), b())
print(select("#", nil, nil), pcall(error, "caught"))
