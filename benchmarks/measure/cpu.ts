import { readFileSync } from "node:fs"

/** Clock ticks a second on Linux (`getconf CLK_TCK`): 100 on every platform that Node runs on. */
const TICKS = 100

/** CPU seconds that a process and its threads have used so far, kernel time included. Linux only. */
export const cpuSeconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
  // The command may hold spaces and brackets: fields are counted from the last closing one (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}
