// The last line of a test run, plain: how many passed and how many failed.

import type { Reporter, TestModule } from "vitest/node"

export default class implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string) => tests.filter((test) => test.result().state === state).length
    const broken = modules.filter((module) => module.state() === "failed" && count("failed") === 0).length
    process.stdout.write(`\n${count("passed")} passed, ${count("failed") + broken} failed\n`)
  }
}
