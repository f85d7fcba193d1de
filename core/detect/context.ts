const decoder = new TextDecoder()
const before = 64
const after = 32

/** The words around a span, in lower case: what stands before it counts first. */
export const contextOf = (bytes: Uint8Array, start: number, end: number): string => {
  const left = decoder.decode(bytes.subarray(Math.max(0, start - before), start))
  const right = decoder.decode(bytes.subarray(end, Math.min(bytes.length, end + after)))
  return `${left.replaceAll(" \n ", " ")} \n ${right}`.toLowerCase()
}

/** The words right before the span of a context, and right behind it. */
export const rightBefore = (context: string): string => context.slice(Math.max(0, context.indexOf(" \n ") - 28), context.indexOf(" \n ") + 1)
export const rightBehind = (context: string): string => context.slice(context.indexOf(" \n ") + 3, context.indexOf(" \n ") + 14)

const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 0xdf && code < 0x0530)

/** Whether the context has the word, and not as a part of another; its plural counts. */
export const mentions = (context: string, word: string): boolean => {
  for (let at = context.indexOf(word); at >= 0; at = context.indexOf(word, at + 1)) {
    if (at > 0 && isLetter(context.charCodeAt(at - 1)) && isLetter(word.charCodeAt(0))) continue
    const end = at + word.length
    const next = context.charCodeAt(end) === 115 ? end + 1 : end
    if (!isLetter(context.charCodeAt(next)) || !isLetter(word.charCodeAt(word.length - 1))) return true
  }
  return false
}

export const mentionsOne = (context: string, words: ReadonlyArray<string>): boolean =>
  words.some((word) => mentions(context, word))

export const phoneWords: ReadonlyArray<string> =
  ("phone,telephone,tel,mobile,cell,fax,call,dial,sms,text me,whatsapp,message,answering,callback,reach me,reach us,"
    + "telefon,telefono,teléfono,téléphone,telefone,handy,portable,móvil,celular,cellulare,telepono,puhelin,gsm,numer,"
    + "电话,電話,手机,전화,טלפון,هاتف,телефон").split(",")

/** Of what stands right behind a number. */
export const lineWords: ReadonlyArray<string> = ["office", "fax", "desk", "mobile", "home", "work", "cell"]

export const dateWords: ReadonlyArray<string> =
  "date,today,on,since,until,from,when,datum,fecha,data,le,due,day,expires,expiry,valid".split(",")

export const birthWords: ReadonlyArray<string> =
  ("born,birth,dob,d.o.b,birthday,birthdate,geboren,geburtsdatum,geb,né le,née le,naissance,nacido,nacida,nacimiento,nascita,nato il,"
    + "nata il,nascimento,geboortedatum,född,født,syntynyt,urodzony,urodzona,urodzenia,narození,született,rođen,data naşterii")
    .split(",")

/** Numbers that things have: where one of these stands before it, a weak match is none. */
export const thingWords: ReadonlyArray<string> =
  ("order,invoice,isbn,sku,part number,product,version,release,build,tracking,ticket,serial,inventory,sequence,trace,commit,"
    + "item,model,batch,lot,receipt no,reference,ref,transaction id,issue,bestellnummer,rechnung,artikel").split(",")

/** What stands near identifiers of any country. */
export const identityWords: ReadonlyArray<string> =
  "national id,id number,identity,identification,personal identity,personal number,tax id,taxpayer,id card".split(",")
