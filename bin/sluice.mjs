#!/usr/bin/env node
import { fileURLToPath } from "node:url"
import { isCheckout, run } from "./node24.mjs"

run(
  fileURLToPath(new URL(isCheckout ? "../config/main.ts" : "../dist/config/main.js", import.meta.url)),
  process.argv.slice(2)
)
