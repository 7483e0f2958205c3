// Words that leaked passwords are made of, small letters: a phrase of nothing but these is refused.
export const COMMON: ReadonlySet<string> = new Set(
  `password passwort passwort1 kennwort geheim geheimnis hallo hello welcome willkommen login admin administrator root
  test tester testing master meister sommer winter fruehling frühling herbst summer spring autumn montag dienstag
  mittwoch donnerstag freitag samstag sonntag monday tuesday wednesday thursday friday saturday sunday januar februar
  märz april mai juni juli august september oktober november dezember january february march may june july october
  december liebe schatz schatzi love iloveyou ichliebedich princess prinzessin dragon monkey letmein sunshine
  shadow football fussball fußball baseball basketball superman batman starwars pokemon michael thomas daniel
  andreas alexander sebastian christian stefan markus martin peter hans anna julia sandra nicole jessica ashley
  michelle charlie andrew joshua jordan hunter ranger buster tigger soccer hockey killer george computer internet
  server system qwertz qwerty asdf asdfgh yxcv zxcv qwert abc abcd abcdef changeme secret default feuerwehr
  florian feuer wasser einsatz alarm alarme notruf rettung leitstelle loeschzug löschzug brandmeister
  berlin hamburg muenchen münchen koeln köln frankfurt deutschland germany bayern bayernmunich borussia dortmund
  schalke mercedes porsche volkswagen audi google facebook microsoft windows apple iphone samsung android amazon
  netflix obhut kamera camera video recorder user benutzer gast guest hund katze hase maus mama papa oma opa baby
  sonne mond sterne blume rose lucky freedom freiheit whatever trustno cookie banana pepper ginger summer flower
  diamond silver golden gold purple orange blue green black white rot gruen grün blau schwarz weiss weiß`
    .split(/\s+/)
    .filter(Boolean),
);
