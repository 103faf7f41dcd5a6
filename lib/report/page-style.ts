// How the page of a build looks: light or dark as its reader's system is, nothing loaded, no colour without a word or a sign.

export const pageStyle = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1c2128, #e6e8eb);
  --soft: light-dark(#4f5864, #a9b1bb);
  --paper: light-dark(#ffffff, #15181c);
  --panel: light-dark(#f4f5f7, #1e2228);
  --line: light-dark(#c9ced6, #3b424b);
  --link: light-dark(#0b57a4, #82b8ff);
  --mark: light-dark(#a3390b, #ffb37a);
  --built: light-dark(#cfe8d5, #1f4a2d);
  --failed: light-dark(#f9d0cd, #6b2220);
  --other: light-dark(#dde1e7, #3a4049);
}
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.5rem; max-width: 76rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; overflow-wrap: anywhere }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem }
a { color: var(--link) }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
.soft { color: var(--soft) }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1.5rem; margin: .5rem 0 }
.facts dt { color: var(--soft) }
.facts dd { margin: 0; overflow-wrap: anywhere }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; padding: 0; margin: 1rem 0 0; list-style: none }
pre { margin: .5rem 0; padding: .6rem .8rem; overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: .3rem; font: .85rem/1.45 ui-monospace, monospace }
table { border-collapse: collapse; width: 100% }
th, td { padding: .25rem .8rem .25rem 0; text-align: start; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: anywhere }
th { color: var(--soft); font-weight: 600 }
th[scope=row] { font-weight: 400 }
th.number { white-space: normal }
::placeholder { color: var(--soft); opacity: 1 }
.number { text-align: end; white-space: nowrap; font-variant-numeric: tabular-nums }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .3rem; background: var(--panel) }
.inner { position: relative; padding: 1.6rem .5rem .5rem 4.5rem; min-width: 30rem }
.ticks span { position: absolute; top: .2rem; font-size: .75rem; color: var(--soft); white-space: nowrap; padding-left: .25rem; border-left: 1px solid var(--line) }
.area { position: relative }
.lane { position: relative; height: 1.7rem; margin: 0 0 .2rem; padding: 0; list-style: none }
.name { position: absolute; left: -4.1rem; width: 3.8rem; line-height: 1.7rem; font-size: .8rem; color: var(--soft) }
.bar { position: absolute; top: 0; bottom: 0; min-width: 2px; overflow: hidden; white-space: nowrap; text-overflow: clip; border-radius: .2rem; font-size: .75rem; line-height: 1.7rem; color: var(--ink); text-decoration: none; background: var(--other); border-inline-start: 1px solid color-mix(in srgb, var(--ink) 35%, transparent) }
.busy { position: absolute; top: 0; bottom: 0; min-width: 1px; background: var(--other) }
.bar.built { background: var(--built) }
.bar.failed { background: var(--failed) }
.bar.critical { box-shadow: inset 0 -4px 0 var(--mark) }
.bar span { padding: 0 .3rem }
.bar:focus-visible { overflow: visible; z-index: 1; outline-offset: 0 }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.5rem; font-size: .85rem; color: var(--soft) }
.legend i { display: inline-block; width: 1.2rem; height: .9rem; margin-inline-end: .4rem; vertical-align: -.1rem; border-radius: .15rem; background: var(--other) }
.legend .built { background: var(--built) }
.legend .failed { background: var(--failed) }
.legend .critical { box-shadow: inset 0 -4px 0 var(--mark) }
.controls { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; margin: .6rem 0; align-items: center }
input { font: inherit; accent-color: var(--link) }
input[type=search] { width: min(24rem, 100%); padding: .2rem .5rem; color: var(--ink); background: var(--paper); border: 1px solid var(--soft); border-radius: .3rem }
details { border-bottom: 1px solid var(--line); padding: .2rem 0; content-visibility: auto; contain-intrinsic-size: auto 2rem }
summary { cursor: pointer; overflow-wrap: anywhere }
details > div { padding: .2rem 0 .6rem 1.2rem }
.mark { color: var(--mark); font-weight: 600 }
[hidden] { display: none }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth } }
@media print { .controls, nav { display: none } }
`
