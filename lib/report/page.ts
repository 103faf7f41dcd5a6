// A build as one page of HTML that needs nothing besides itself: the timeline of its slots, the critical path, why each action ran
// and what it said last, the slowest, and what the store gave. The policy in its head lets it load nothing.

import { createHash } from "node:crypto"
import { html, trusted } from "../base/html.ts"
import { pageScript } from "./page-script.ts"
import { type LastLines, pageFacts, pageSections } from "./page-sections.ts"
import { pageStyle } from "./page-style.ts"
import type { Reporter } from "./reporter.ts"
import { type RecorderOptions, type Timeline, TimelineRecorder } from "./timeline.ts"
import { duration } from "./words.ts"

export interface PageOptions extends RecorderOptions {
  /** What was asked for. */
  readonly title: string
  readonly lastLines: LastLines
  readonly write: (page: string) => void
}

/** Consumes events; writes the page, once, when it is closed. */
export function pageReporter(options: PageOptions): Reporter {
  const { title, lastLines, write } = options
  const recorder = new TimelineRecorder(options)
  let isWritten = false
  return {
    on: recorder.on,
    close: () => {
      if (!isWritten) write(pageOf(recorder.timeline(), title, lastLines))
      isWritten = true
    },
  }
}

const hash = (text: string): string => createHash("sha256").update(text).digest("base64")

/** The page of a build. */
export function pageOf(timeline: Timeline, title: string, lastLines: LastLines): string {
  const sections = pageSections(timeline, lastLines)
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash(pageScript)}'`
  const outcome = timeline.outcome === "cancelled" ? "interrupted" : timeline.outcome
  const heading = `${title}: ${outcome} after ${duration(timeline.tookMs)}`
  const links = sections.map(({ id, name }) => html`<li><a href="#${id}">${name}</a></li>\n`)
  const bodies = sections.map(
    ({ id, name, body }) => html`<section id="${id}" aria-labelledby="${id}-name">
<h2 id="${id}-name">${name}</h2>
${body}
</section>
`,
  )
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${heading}</title>
<style>${trusted(pageStyle)}</style>
</head>
<body>
<header>
<h1>${heading}</h1>
${pageFacts(timeline)}
<nav aria-label="On this page"><ul>
${links}</ul></nav>
</header>
<main>
${bodies}</main>
<script>${trusted(pageScript)}</script>
</body>
</html>
`.html
}
