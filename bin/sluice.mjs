#!/usr/bin/env node
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { run } from "./node24.mjs"

// The published package holds compiled JavaScript; a checkout runs its TypeScript as it is.
const compiled = fileURLToPath(new URL("../dist/config/main.js", import.meta.url))
const source = fileURLToPath(new URL("../config/main.ts", import.meta.url))
run(existsSync(source) ? source : compiled, process.argv.slice(2))
