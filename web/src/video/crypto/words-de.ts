// German words for passphrases: short, concrete, without umlauts, so that they are typed alike on every keyboard.
export const german: readonly string[] =
  `abend abruf absatz acker adler affe agent ahnung ahorn akku akte alarm albatros algen allee almhof alpaka altar
  ameise ampel amsel anfang angel anker anlauf anorak ansage antrag anzug apfel aprikose arbeit arena armband aroma
  artist arznei arzt asche ast atem atlas atom auerhahn aufzug auge august ausflug auster auto axt bach backofen
  badehose bagger bahn balken balkon ball bambus banane band bank bargeld bart basalt basis bast batterie bauch bauer
  baum becher becken beere beet beil bein beispiel benzin berg beruf besen besuch beton bett beule beutel biber biene
  bier bild binse birke birne bison bitte blatt blech blei blick blitz block blume bluse boden bogen bohne bohrer bombe
  bonbon boot bord borke borste bote brand brause brei brett brezel brief brille brise brot bruch brunnen brust buch
  buche bucht bude buffet bund burg bus busch bussard butter chance chef chor dach dachs dackel dame damm dampf datei
  dattel datum dauer daumen decke deckel degen deich delfin depot dialog dieb diele dill ding dinkel distel docht dohle
  dolch dom donner dorf dorn dose drache draht drama drossel druck dschungel duft dunst durst dusche ebbe eber echse
  ecke efeu ehre eibe eiche eidechse eifer eimer eis eisen eiswaffel elch elefant elfe elle elster ende engel enkel
  ente enzian epoche erbe erbse erde erfolg ernte esche esel espe essig etage etui eule europa ewigkeit fabel fackel
  faden fahne fahrrad falke falle falte familie fang farbe farn fasan fass faust feder fehler feier feige feile feld
  fell fels fenster ferien ferkel fern fest fett feuer fibel fichte fieber figur film filter filz finger fink firma
  first fisch flagge flamme flasche fleck fliege floh flosse flotte fluch flug flur fluss flut fohlen folge folie form
  forst foto frage frau freitag freude freund frist frosch frost frucht fuchs fund funke furche futter gabel galerie
  galopp gans garage garde garn garten gas gasse gast gatter gaumen gebet geburt gecko gedicht geduld gefahr gehege
  geige geist geld gelenk gemse genuss gepard gerste geruch gesang gesicht gestein getreide gewicht gewitter gibbon
  giebel gift gipfel gips giraffe gitarre gitter glanz glas glaube gleis glied glocke glut gnade gold golf gondel gorilla
  graben grad gras grenze griff grille grotte grube gruft grund gruppe gruss gummi gunst gurke gurt guss haar
  habicht hafen hafer hagel hahn hai haken halle halm hals halt hammel hammer hamster hand handel hanf harfe harke
  harz hase hasel haube hauch haus haut hebel hecht hecke heer hefe heft heide heimat heizung held helm hemd hengst
  henne herbst herd hering herz heu hilfe himbeere himmel hirsch hirse hobel hof holler holz honig hopfen horizont
  horn hose hotel huf hummel hummer hund hunger hupe hut igel imker impuls ingwer insekt insel iris jacke jagd
  jaguar jahr januar jasmin jeans joghurt jubel jugend juli junge juni jurte juwel kabel kabine kachel kaffee kaiser
  kaktus kalb kalender kalk kamel kamera kamille kamin kamm kampf kanal kanne kante kanu kanzel kapitel kappe karaffe
  karotte karpfen karte kartoffel karussell kasse kastanie kasten katze kauz kegel kehle keil keks kelch keller kerbe
  kern kerze kessel kette keule kiefer kies kilo kind kino kiosk kirche kirsche kissen kiste kitt kittel kiwi klammer
  klang klasse klaue klavier klecks klee kleid kleister klette klima klinge klinik klippe kloster klotz kluft knabe
  knall knie knochen knolle knopf knospe knoten koala kobra koch koffer kohl kohle koje kolben kolibri komet kompass
  kompott konto konzert kopf koralle korb kordel korken korn kosmos kragen kralle kran kranich kranz krater kraut
  krebs kreide kreis kresse kreuz krippe krokus krone krug krume kruste kuchen kuckuck kufe kugel kuh kummer
  kunde kunst kupfer kuppel kur kurbel kurve kuss kutsche labor lachs lack laden ladung lager laken lama lamm lampe
  land lanze lappen larve laser last laterne latte laub lauch laufrad laune laus laut lava lawine leben leber leder
  lehm lehne lehre leib leim leine leinen leiste leiter lektion lerche lesung licht liebe lied liege liga lilie
  limette linde linie linse lippe liste liter lob loch locke loden loipe lok lorbeer lotse luchs luft luke lunge lupe
  lust luxus lyrik magen magnet mahl mais makrele maler malve mandel mango mantel mappe marder margerite markt marmor
  marsch maske mast matte mauer maul maus medaille meer mehl meile meise melone mensch messe messer metall meter miete
  milan milch minute minze mispel mist mittag mode mofa mohn molch mole monat mond monitor moor moos moped moral mord
  morgen mosaik most motor motte mulde mumie mund muschel museum musik muskel mut mutter nabel nachbar nacht nadel
  nagel name nandu narbe narzisse nase natter natur nebel neffe nelke nerv nessel nest netz nichte niere nische nixe
  nomade norden not note notiz nudel nuss nutzen oase obst ochse ofen ohr oktave olive oper opal orange orden ordner
  orgel orkan ort osten ostern otter ozean paar paddel paket palast palme panda panik pantoffel papagei papier pappel
  paprika parade park parkett partner pass pasta pastete patrone pauke pause pavian pech pedal pelikan pelle pelz
  pendel perle pfad pfand pfanne pfau pfeffer pfeife pfeil pferd pfirsich pflanze pflaster pflaume pflug pforte pfote
  pfosten pfund phase pilger pille pilot pilz pinguin pinie pinsel piste plakat plan planet platane platte platz
  podium poesie pokal pol politur polster pony portal posaune post pracht prinz probe produkt profil promenade prosa
  provinz puder pudel puffer puls pult puma pumpe punkt puppe purpur puzzle pyramide qualle quark quarz quelle quirl
  quitte quote rabe rad radar radio rahm rahmen rakete rampe rand rang ranke ranzen raps rasen raspel rast rathaus
  ratte raub rauch raum raupe rausch raute rebe rebhuhn rechen rede regal regel regen region reh reich reif reifen
  reihe reiher reim reis reise rekord rente reptil rest rettich revier rezept rhabarber riegel riemen riese rille rind
  ring rinne rippe riss ritt robbe robe rock roggen rohr rolle roman rose rosine rost rotor route rubin ruck rucksack
  ruder ruf ruhe ruhm ruine rummel rumpf runde russ saal saat sache sack safran saft sage sahne saite salamander salat
  salbe salbei salz samen samt sand sandale sardine sattel satz sauna schach schaf schal schale schall schaufel schaum
  scheibe schein schelle schema schere scheune schicht schiene schiff schild schilf schimmel schinken schirm schlaf
  schlag schlamm schlange schlauch schleife schlitten schloss schlucht schluss schmied schmuck schnabel schnalle schnee
  schnitt schnur scholle schote schramme schrank schraube schrift schritt schrot schub schuh schuld schule schuppe
  schurz schuss schutt schwalbe schwamm schwan schwarm schwein schwelle schwert schwung see seele segel segen sehne
  seide seife seil sekunde sellerie semmel senf sense serie sessel sichel sieb siegel signal silbe silber silo sims
  sinn sirene sirup sitz skala skizze socke sofa sohle sohn sold sommer sonne sorge sorte spalt spange spargel sparren
  spaten spatz specht speck speer speiche speise spende sperber spiegel spiel spinat spinne spirale spitze splitter
  sporn sport sprache sprosse sprung spuk spule spur staat stab stadt stahl stall stamm stand stange star station staub
  stau steg stein stelze stempel stengel steppe stern steuer stich stiefel stiel stier stift stille stimme stirn stock
  stoff stollen stolz storch stoss strahl strand strauch strauss strecke streit strich strick stroh strom strudel
  strumpf stube stuck studie stufe stuhl stumpf stunde sturm stute sucher suppe symbol tabelle tablett tadel tafel tag
  taille takt tal talent talg tang tanne tante tanz tapete tapir tarif tasche tasse taste tatze tau taube taucher tausch
  taxi teich teig teil telefon teller tempel tempo tenne teppich termin test text theater thema these thron thymian
  tiefe tier tiger tinte tisch titel tochter toffee tomate ton tonne topf tor torf torte tour trab traktor trank
  traube traum treffer treppe tresen tresor treue trichter trick tritt trommel tropfen trost trumpf truhe tuba tuch
  tugend tulpe tumult tunnel turban turm turnen tusche tweed ufer uhr uhu ulme umfang umhang umlauf umweg unfall ungarn
  unkraut urlaub urteil vanille vase vater veilchen ventil verb verein verlag vers vertrag vetter vieh viertel villa
  violine vogel volk vorhang vorrat vulkan waage wabe wache wachs wachtel wade waffel wagen wahl wahrheit waise wal wald
  walnuss walze wand wange wanne ware warze wasser watte weber wecker wedel weg weide weihe wein weisheit weite weizen
  welle welpe welt wende werft werk wert wesen wespe weste westen wette wetter whisky wicke widder wiege wiese wiesel
  wind windel winkel winter wipfel wirbel wirt wisent wissen witz woche woge wolf wolke wolle wort wucht wunde wunder
  wunsch wurf wurm wurst wurzel zahl zahn zander zange zapfen zaun zebra zecke zeder zeh zeichen zeiger zeile zeit zelle
  zelt zement zensur zentner zeppelin zettel zeuge ziege ziegel ziel zimmer zimt zins zipfel zirkel zirkus zither zitrone
  zofe zoll zone zopf zorn zucker zug zukunft zunge zutat zweck zweig zwerg zwiebel zwirn zylinder`.split(
    /\s+/,
  );
