-- The generated header reaches the interpreter.
print(package.path)
print(_VERSION, 7 // 2, 2 ^ 53 | 0, string.format("%q", 1 / 3))
