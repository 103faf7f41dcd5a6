// What the page of a build can do besides being read; without it all is still there. In the timeline one bar at a time takes part
// in the order of Tab; the arrow keys lead to the others.

export const pageScript = `
"use strict"
const lanes = [...document.querySelectorAll(".lane")].map((lane) => [...lane.querySelectorAll(".bar")])
const bars = lanes.flat()
const left = (bar) => bar.getBoundingClientRect().left

function focusOn(bar) {
  if (!bar) return
  for (const other of bars) other.tabIndex = -1
  bar.tabIndex = 0
  bar.focus()
  bar.scrollIntoView({ block: "nearest", inline: "nearest" })
}

function nearest(lane, x) {
  return lane?.reduce((best, bar) => (Math.abs(left(bar) - x) < Math.abs(left(best) - x) ? bar : best))
}

document.querySelector(".lanes")?.addEventListener("keydown", (event) => {
  const lane = lanes.find((all) => all.includes(event.target))
  if (!lane || event.altKey || event.ctrlKey || event.metaKey) return
  const i = lane.indexOf(event.target)
  const at = lanes.indexOf(lane)
  const to = {
    ArrowRight: () => lane[i + 1],
    ArrowLeft: () => lane[i - 1],
    ArrowDown: () => nearest(lanes[at + 1], left(event.target)),
    ArrowUp: () => nearest(lanes[at - 1], left(event.target)),
    Home: () => lane[0],
    End: () => lane.at(-1),
  }[event.key]
  if (!to) return
  event.preventDefault()
  focusOn(to())
})

document.querySelector("#zoom")?.addEventListener("input", (event) => {
  document.querySelector(".inner").style.width = event.target.value * 100 + "%"
})

const actions = [...document.querySelectorAll("#actions details")]
document.querySelector("#filter")?.addEventListener("input", (event) => {
  const words = event.target.value.toLowerCase().split(" ").filter(Boolean)
  for (const one of actions) one.hidden = !words.every((word) => one.dataset.words.includes(word))
  const shown = actions.filter((one) => !one.hidden).length
  document.querySelector("#shown").textContent = shown + " of " + actions.length + " shown"
})

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (!(target instanceof HTMLDetailsElement)) return
  target.hidden = false
  target.open = true
  target.querySelector("summary").focus()
  target.scrollIntoView({ block: "center" })
}
addEventListener("hashchange", openTarget)
addEventListener("click", (event) => {
  if (event.target.closest?.("a")?.hash === location.hash && location.hash) setTimeout(openTarget)
})
openTarget()
for (const control of document.querySelectorAll(".controls")) control.hidden = false
`
