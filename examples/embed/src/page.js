// Draws what fractal.c computes.

import init from "../out/fractal.wasm?init"

const canvas = document.querySelector("canvas")
const { exports } = await init()
const address = exports.draw(canvas.width, canvas.height)
const pixels = new Uint8ClampedArray(exports.memory.buffer, address, canvas.width * canvas.height * 4)
canvas.getContext("2d").putImageData(new ImageData(pixels, canvas.width), 0, 0)

const [red, green, blue] = pixels
document.querySelector("[role=status]").textContent = `The corner is rgb(${red}, ${green}, ${blue}).`
