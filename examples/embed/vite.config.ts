import { defineConfig } from "vite"
import project from "./Buildfile.ts"
import { hashmake } from "./plugin.ts"

export default defineConfig({ plugins: [hashmake(project, ["wasm"])] })
