import { cities, givenNames, surnames } from "./known-names.ts"

/** Names end so in Slavic, Nordic, Iberian and other languages; few other words do. */
const surnameEnding =
  /(ov[aáýé]|ev[aá]|sk[iaáýy]|ck[iaá]|cz[yk]+|czak|czyk|ewicz|owicz|vić|vic|ić|sson|sen|dóttir|dottir|ström|strom|qvist|quist|lund|berg|mann|stein|ez|eiro|inho|etti|ini|ucci|acci|elli|ello|oni|ano|idis|poulos|akis|enko|chuk|yan|escu|eanu|nen|ainen|strup|gaard|huis|ský|ák|ek|ík|eau|ault|aud|oux|ier|ard|ette|elle|ois|illon|ssy|szky|sy|zy|ács|ány|ás|vári|halmi|falvi|ffy|thy|ay|ó)$/iu
const surnamePrefix = /^(mc|mac|o'|d'|de |del |della |di |da |dos |van |von |le |la |al-|el-|ben |bin |ter |fitz)/iu

const cityEnding =
  /(ville|burg|burgh|borough|stadt|hausen|heim|dorf|bach|furt|ingen|kirchen|feld|walde?|rode|leben|ton|ham|ford|bury|wick|shire|mouth|pool|minster|chester|caster|field|wood|dale|bridge|gate|port|haven|green|by|köping|stad|sund|vik|fors|holm|borg|havn|rup|sted|köy|grad|gorod|polis|pol|ów|owo|owice|ice|in|iny|nad|ovo|evo|sk|ány|falva|háza|vár|hely|szeg|járvi|järvi|koski|niemi|lahti|küla|nuia|ny|ac|an|gny|court|court|bourg|mont|trop|broek|dam|dijk|hoven|kerk|loo|rode|gem|egem|sel|ano|ona|asco|ate|ello|vatn|nes|fjörður|vík|eyri|foss)$/iu
const cityPart =
  /^(st|san|santa|saint|sankt|new|old|north|south|east|west|bad|los|las|port|mount|fort|den|villa|cit[eé]|upper|lower|great|little|nova|novo|velika|mala|stara|stare|nowy|nowa|nagy|kis|gross|klein|alto|cape|lake)[ -]|[ -](am|an der|sur|nad|upon|on|under|pod|in|im|ob|del|de|di|la|les?|do|da|und|city|beach|springs|falls|park|hills|heights|rock|green|end|cape)([ -]|$)/iu

const title =
  /^(mr|mrs|ms|miss|dr|prof|herr|frau|sig|sig\.ra|sra|sr|mme|mlle|m|hr|fru|pan|pani|dhr|mevr|ing|dott|dipl)\.? /iu
const degree = /,? (jr|sr|phd|md|dds|dvm|mba|b\.?a|b\.?sc|m\.?a|m\.?sc|ii|iii|iv)\.?$/iu

const chineseSurnames =
  "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹"
  + "石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚張陳劉楊黃趙吳孫馬鄭羅謝許鄧蕭馮鄒"
const koreanSurnames =
  "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구라진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모"
const hebrewNames =
  /(כהן|לוי|משה|דוד|יוסף|שרה|אברהם|יעקב|יצחק|חיים|רחל|מרים|אלי|בן|עמית|רועי|יאיר|נועם|דניאל|מיכאל|אסף|תמר|נועה|מזרחי|פרץ|ביטון|אביב|גל|טל|שי|אור|רון|ליאור|יונתן|אדם|מאיר|שלמה|ברק|איתי|אלון|עומר|אורי|נדב|עידו|גיא|דביר|אלימלך)/u

/** Without accents a dictionary knows twice as much, and so does one with hyphens for blanks. */
const fold = (text: string): string =>
  text.normalize("NFD").replaceAll(/\p{M}/gu, "").replaceAll("ł", "l").toLowerCase()
const folded = (names: ReadonlySet<string>): ReadonlySet<string> => new Set([...names].map(fold))
const given = folded(givenNames)
const family = folded(surnames)
const places = folded(cities)

const knows = (names: ReadonlySet<string>, word: string): boolean => names.has(fold(word).replaceAll(" ", "-"))

const isWord = (text: string): boolean => /^\p{Lu}[\p{L}'’.-]*$/u.test(text)

export const isGivenName = (text: string): boolean =>
  isWord(text) && !/^\p{Lu}{3,}$/u.test(text)
  && (knows(given, text) || text.split("-").some((part) => knows(given, part)))

export const isSurname = (text: string): boolean => {
  const bare = text.replace(surnamePrefix, "")
  if (/\d|[,&]/.test(text) || text.length > 30 || /^\p{Lu}{4,}$/u.test(bare) || bare.includes(" ")) return false
  if (knows(family, text) || bare.split(/[ -]/).some((part) => knows(family, part))) return true
  return /^\p{Lu}/u.test(text) && !bare.includes(" ") && bare.length > 3
    && ((bare !== text && /^\p{Lu}/u.test(bare)) || surnameEnding.test(bare))
}

export const isCity = (text: string): boolean => {
  if (/[\d,&@/:_]/.test(text) || text.length > 40 || !/^\p{Lu}/u.test(text)) return false
  return knows(places, text) || cityPart.test(text) || cityEnding.test(text)
    || (/^\p{Lu}[\p{Lu}' -]{3,}$/u.test(text) && text.length > 4 && !/^\p{Lu}{3,4}$/u.test(text))
}

/** Two to five words that begin with capitals, the first or last of which is known, or with a title before them. */
export const isFullName = (text: string): boolean => {
  if (text.length > 50 || /[\d&@/:_|]|, /.test(text.replace(degree, ""))) return false
  if (/^[\u4e00-\u9fff]{2,4}$/u.test(text)) return chineseSurnames.includes(text[0]!)
  if (/^[가-힣]{2,4}$/u.test(text)) return koreanSurnames.includes(text[0]!)
  if (/^[\u0590-\u05ff"' -]+$/u.test(text)) return text.includes(" ") && hebrewNames.test(text)
  const bare = text.replace(title, "").replace(title, "").replace(degree, "")
  const words = bare.split(/ +/)
  if (words.length < 2 || words.length > 6) return false
  if (
    !words.every((word) => isWord(word) || /^(de|la|le|da|dos|das|do|van|von|der|den|del|di|el|al|y|e|ter)$/.test(word))
  ) return false
  const first = words[0]!
  return title.test(text) || isGivenName(first) || isSurname(words.at(-1)!)
}

const streetWord =
  /(stra(ß|ss)e|str\.?|gasse|weg|allee|platz|ring|damm|ufer|laan|straat|plein|singel|dreef|baan|steeg|kade|gracht|gata|gatan|vägen|vegen|veien|vej|vei|gade|allé|torget|gränd|stigen|katu|tie|polku|kuja|tänav|út|utca|tér|ulica|ulice|trg|cesta|náměstí|street|road|avenue|lane|drive|court|square|terrace|close|crescent|boulevard|parkway|highway|way|braut|stræti|vegur)\b/iu
const streetStart =
  /^(rue|avenue|av\.?|avda\.?|boulevard|bd|place|chemin|allée|impasse|route|quai|calle|c\/|plaza|paseo|camino|pasaje|via|viale|piazza|corso|strada|contrada|vicolo|largo|rua|avenida|travessa|praça|praceta|alameda|estrada|rúa|ul\.?|ulica|aleja|al\.|os\.|plac|bulevardul|str\.|strada|drumul|intrarea|aleea|soseaua|calea|flat|apt|apartment|studio|suite|unit|po box|psc|r\.|urb\.|acceso|glorieta|ronda|cuesta|vía|callejón|rotonda|stretto|borgo|incrocio|canale|piazza)[ .]/iu
const eastAsian = /[\u4e00-\u9fff](路|街|道|巷|弄|号|區|区|市|縣)|[가-힣](로|길|동|구|시|군)( |\d|$)/u

/** How sure a cell is a street and a number: 2 by its words, 1 by its form alone, 0 not. */
export const streetForm = (text: string): 0 | 1 | 2 => {
  if (text.length > 120 || /[@_{}<>=;]|:\/\//.test(text)) return 0
  if (eastAsian.test(text)) return 2
  const hasNumber = /\d/.test(text)
  const hasWord = /[\p{L}.]{3,}/u.test(text)
  if (!hasWord) return 0
  if (streetStart.test(text) || (hasNumber && streetWord.test(text))) return 2
  if (!/[\p{Ll}\p{Lo}]/u.test(text)) return 0
  if (/^\d{1,6}[a-z]?,? +\p{Lu}[\p{L}'.-]{2,}( |$)/u.test(text)) return 1
  return /^[\p{Lu}\u0590-\u05ff\u0370-\u03ff][\p{L}'’. -]{2,},? +\d{1,5} ?[a-zA-Z]?([ /-]\d+[a-z]?)?(, .*)?\.?$/u.test(
      text
    )
    ? 1
    : 0
}
