import { wordList } from "./vocabulary.ts"

const list = (words: string) => wordList(words.split(","))

export const phoneWords = list(
  "phone,telephone,tel,mobile,cell,fax,call,dial,sms,text me,whatsapp,message,answering,callback,reach me,reach us,"
    + "telefon,telefono,teléfono,téléphone,telefone,handy,portable,móvil,celular,cellulare,telepono,puhelin,gsm,numer,"
    + "电话,電話,手机,전화,טלפון,هاتف,телефон"
)

/** Of what stands right behind a number. */
export const lineWords = list("office,fax,desk,mobile,home,work,cell")

export const dateWords = list("date,today,on,since,until,from,when,datum,fecha,data,le,due,day,expires,expiry,valid")

export const birthWords = list(
  "born,birth,dob,d.o.b,birthday,birthdate,geboren,geburtsdatum,geb,né le,née le,naissance,nacido,nacida,nacimiento,"
    + "nascita,nato il,nata il,nascimento,geboortedatum,född,født,syntynyt,urodzony,urodzona,"
    + "urodzenia,narození,született,"
    + "rođen,data naşterii"
)

/** Numbers that things have: where one of these stands before it, a weak match is none. */
export const thingWords = list(
  "order,invoice,isbn,sku,part number,product,version,release,build,tracking,ticket,serial,inventory,"
    + "sequence,trace,commit,"
    + "item,model,batch,lot,receipt no,reference,ref,transaction id,issue,bestellnummer,rechnung,artikel"
)

export const versionWords = list("version,release,build,sku")

export const addressWords = list("ip,ipv,host,address,server,dns,client,ping,route,subnet,gateway")

/** What stands near identifiers of any country. */
export const identityWords = list(
  "national id,id number,identity,identification,personal identity,personal number,tax id,taxpayer,id card"
)
