export { env } from "./env.ts"
export { exec } from "./exec.ts"
export { file } from "./file.ts"
