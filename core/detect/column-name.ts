import { definitions } from "./registry.ts"

/** What a column's name, or a comment on it, says that it holds. */
export interface NameEvidence {
  /** A type, or `national_id` for any of that kind. */
  readonly type: string
  /** ln of how much likelier the type is than not, given the name. */
  readonly weight: number
}

/** A name that says one thing; an abbreviation, or a word that has another meaning too. */
const clear = 8
const vague = 4.5

/** Words of names by type; several words must follow one another, and the longest that fits counts. */
const clearly: Readonly<Record<string, string>> = {
  email: "email,e mail,mail address,email address,correo,correo electronico,courriel,epost,e post,mailadresse,poczta",
  phone: "phone,phone number,telephone,telefon,telefono,telefone,telefonnummer,mobile,mobile number,mobil,cell phone,"
    + "cellphone,fax,handy,gsm,celular,movil,telemovel,rufnummer,puhelin,puhelinnumero,telefoonnummer,tlf,msisdn",
  first_name: "first name,firstname,given name,forename,vorname,prenom,primeiro nome,imie,fornavn,fornamn,voornaam,"
    + "etunimi,jmeno,keresztnev,middle name,second name",
  last_name: "last name,lastname,surname,family name,nachname,familienname,nom de famille,apellido,apellidos,cognome,"
    + "sobrenome,apelido,nazwisko,efternavn,efternamn,achternaam,sukunimi,prijmeni,vezeteknev,"
    + "maiden name,mothers maiden name",
  person: "full name,fullname,customer name,contact name,person name,patient name,employee name,holder name,cardholder,"
    + "nombre completo,nome completo,nom complet,beneficiary name,display name,recipient name,account holder",
  street_address:
    "address,street,street address,addr,address line,strasse,straße,adresse,direccion,domicilio,calle,rue,"
    + "indirizzo,endereco,adres,ulica,adresa,cim,osoite,gatuadress,home address,billing address,"
    + "shipping address,anschrift",
  city:
    "city,town,stadt,wohnort,ville,ciudad,citta,cidade,miasto,mesto,varos,kaupunki,woonplaats,localidad,municipality",
  postal_code: "zip,zip code,zipcode,postal code,postcode,plz,postleitzahl,code postal,codigo postal,cep,"
    + "kod pocztowy,postnummer,postinumero,psc,iranyitoszam",
  date_of_birth: "dob,date of birth,birth date,birthdate,birthday,birth day,geburtsdatum,geburtstag,date de naissance,"
    + "fecha de nacimiento,data di nascita,data de nascimento,data urodzenia,geboortedatum,fodselsdato,fodelsedatum,"
    + "syntymaaika,datum narozeni,born,born on,date naissance,fecha nacimiento",
  age: "age,edad,alter,eta,idade,wiek,leeftijd",
  username:
    "username,user name,login,login name,benutzername,usuario,utilisateur,nickname,screen name,nick,account name",
  password:
    "password,passwd,pwd,pass word,passwort,kennwort,mot de passe,contrasena,senha,haslo,passphrase,password hash,"
    + "pin code,pincode",
  secret: "secret,api key,apikey,access token,refresh token,private key,client secret,auth token,secret key,access key,"
    + "session token,bearer token",
  cvv: "cvv,cvv2,cvc,cvc2,csc,card verification",
  card_expiry: "cc expires,card expiry,card exp,cc exp,cc expiry,expiration date card,card expiration,cc expiration",
  card: "card number,credit card,cc number,cc no,ccnum,cc num,card no,debit card,kreditkarte,kartennummer,tarjeta,"
    + "numero de tarjeta,carte bancaire,card pan,credit card number,cartao",
  iban: "iban,bank account,bank acct,account iban,kontonummer,bankkonto,numero de cuenta,rib",
  ip: "ip,ip address,ip addr,ipaddress,ipv4,ipv6,ip6,ip4,client ip,"
    + "client addr,client address,remote addr,remote ip,remote address,source ip",
  mac: "mac,mac address,macaddr,hardware address",
  url: "url,website,homepage,web site,webpage",
  license_plate:
    "license plate,licence plate,plate,number plate,kennzeichen,immatriculation,matricula,targa,plate number,"
    + "kenteken,registreringsnummer,plaka,nummerplade",
  national_id: "national id,national identity,identity number,id number,personal id,personal number,tax id,taxpayer id,"
    + "tax number,social security number,ssn,social security,identity card,id card,citizen id,"
    + "personalausweis,steuernummer,"
    + "passport,passport number,passport no,numero identificacion,documento identidad,national insurance",
  coordinates: "geo,coordinates,lat long,latlng,geolocation,gps",
  wallet: "wallet,bitcoin address,wallet address,btc address"
}

const vaguely: Readonly<Record<string, string>> = {
  email: "mail,eml",
  phone: "tel,mob,cell,ph,phn,tlfn,portable,contact no",
  first_name: "fname,first,vname,fn,nome,nombre",
  last_name: "lname,last,nname,mmn,ln,nom",
  person: "name,nm,nombre,nome,nom,kunde,contact,customer,patient,owner,navn,namn,nazwa,naam",
  street_address: "adr,addr1,addr2,address1,address2,line1,str",
  city: "cty,ort,loc",
  postal_code: "zp,postal,pcode,cap",
  date_of_birth: "birth,bday,geb,naissance,nacimiento,nascita,bdate,gebdat",
  age: "yrs,years",
  username: "handle,uname,usr,user",
  password: "pass,pw,pin,otp",
  secret: "token,key,credential,credentials,salt,hash",
  card_expiry: "exp,expires,expiry",
  card: "pan,cc,card,ccn,cardno",
  iban: "acct,account number,account no,konto,acc no",
  license_plate: "plt,reg no,lic plate",
  national_id: "nid,ident,nat id,pid,persnr,pnr,identity,id no,idno,ni number,tin,cedula,documento,dni,nif"
}

/** Each type of the registry by its own name: `pesel`, `cpf`, `steuer id`. */
const own = definitions.flatMap(({ type, words }): ReadonlyArray<readonly [string, string]> => [
  [type.slice(type.indexOf("_") + 1).replaceAll("_", " "), type],
  ...words.filter((word) => word.length > 3 && /^[\p{L} ]+$/u.test(word)).map((word) => [plain(word), type] as const)
])

function plain(text: string): string {
  return text.normalize("NFD").replaceAll(/\p{M}/gu, "").replaceAll("ł", "l").replaceAll("ß", "ss").replaceAll("ø", "o")
    .toLowerCase()
}

const table = new Map<string, Array<NameEvidence>>()
const enter = (words: string, type: string, weight: number): void => {
  for (const word of words.split(",")) {
    const said = table.get(word) ?? []
    const before = said.find((one) => one.type === type)?.weight ?? 0
    table.set(word, [...said.filter((one) => one.type !== type), { type, weight: Math.max(weight, before) }])
  }
}
for (const [type, words] of Object.entries(clearly)) enter(words, type, clear)
for (const [type, words] of Object.entries(vaguely)) enter(words, type, vague)
for (const [word, type] of own) enter(word, type, vague + 1)
enter("ssn", "us_ssn", clear + 0.1)

/** The words of a name: `customerEMail`, `CUSTOMER_EMAIL` and `customer e-mail` are the same three. */
const wordsOf = (name: string): ReadonlyArray<string> =>
  plain(name.replaceAll(/(\p{Ll})(\p{Lu})/gu, "$1 $2").replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2"))
    .split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "")

/** Words after which a name is of something else: a company's, a file's; or which say that only a count is there. */
const others = new Set(
  ("company,org,organisation,organization,product,file,table,country,currency,event,plan,tag,brand,"
    + "model,type,status,count,"
    + "flag,verified,hash,enabled,format,label,category,job,occupation,title,version,host,server,"
    + "color,colour,domain,template,"
    + "class,method,queue,topic,bucket,zone,region,campaign,sent,at,attempts,length,preference").split(",")
)

/** What the words of a name say; most specific first. */
export const readName = (name: string): ReadonlyArray<NameEvidence> => {
  const words = wordsOf(name)
  const found = new Map<string, number>()
  for (let size = Math.min(4, words.length); size > 0; size--) {
    for (let from = 0; from + size <= words.length; from++) {
      const key = words.slice(from, from + size).join(" ")
      const bare = key.replace(/\d+$/, "")
      for (const { type, weight } of table.get(key) ?? table.get(bare) ?? []) {
        const isOther = size < words.length
          && words.some((word, i) => (i < from || i >= from + size) && others.has(word))
        const sure = isOther ? weight - 7 : size === words.length ? weight : weight - 0.5
        if (sure > (found.get(type) ?? 0)) found.set(type, sure)
      }
    }
    if (found.size > 0) break
  }
  return [...found].map(([type, weight]) => ({ type, weight })).toSorted((a, b) => b.weight - a.weight)
}
