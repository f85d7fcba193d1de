/**
 * Whether `text` fits `pattern`, in which `*` stands for any characters, none too. Never worse than the product of the
 * two lengths.
 */
export const fits = (pattern: string, text: string): boolean => {
  let p = 0
  let t = 0
  let star = -1
  let mark = 0
  while (t < text.length) {
    if (pattern[p] === "*") {
      star = p++
      mark = t
    } else if (p < pattern.length && pattern[p] === text[t]) {
      p++
      t++
    } else if (star >= 0) {
      p = star + 1
      t = ++mark
    } else return false
  }
  while (pattern[p] === "*") p++
  return p === pattern.length
}

/** Whether some text fits both patterns. */
export const overlap = (a: string, b: string): boolean => {
  const [x, y] = [a.split("*", 1)[0] ?? "", b.split("*", 1)[0] ?? ""]
  if (!x.startsWith(y) && !y.startsWith(x)) return false
  return meet(a, b)
}

const meet = (a: string, b: string): boolean => {
  // `reach[j]`: the first `i` characters of `a` and the first `j` of `b` can stand for the same text.
  let reach = Array.from({ length: b.length + 1 }, () => false)
  for (let i = 0; i <= a.length; i++) {
    const next = Array.from({ length: b.length + 1 }, () => false)
    for (let j = 0; j <= b.length; j++) {
      const x = a[i - 1]
      const y = b[j - 1]
      if (i === 0 && j === 0) next[j] = true
      else if (x === "*") next[j] = (reach[j] ?? false) || (j > 0 && (next[j - 1] ?? false))
      else if (y === "*") next[j] = (next[j - 1] ?? false) || (i > 0 && (reach[j] ?? false))
      else next[j] = x !== undefined && x === y && (reach[j - 1] ?? false)
    }
    reach = next
  }
  return reach[b.length] ?? false
}
