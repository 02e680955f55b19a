package suggest

import "strings"

func setOf(list string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(list) {
		set[fold(word)] = true
	}
	return set
}

// fillers are words that tell no two names apart.
var fillers = setOf("the of for and und et y e a an al el la le de der die das du des do da و في")

// legalAnywhere are the legal forms that are no other word, and legalAtEnd those that count at a name's end alone.
var (
	legalAnywhere = setOf(`ltd limited llc llp lllp wll inc incorporated gmbh mbh plc sarl sas sprl bvba pty pvt fzco fzc fze fzllc dmcc qsc
		qpsc qcsc pjsc psc kscc bsc saog saoc srl spa oyj aps kgaa ohg ذمم شمم شذمم شمك شمع`)
	legalAtEnd = setOf(`co company corp corporation est establishment ag kg ug ev se sa sl sc nv bv ab as asa oy lp lda ltda sdn bhd pte pt
		kk private public proprietorship cie partnership شركة مؤسسة محدودة المحدودة`)
	legalAtStart = setOf(`شركة مؤسسة pt`)
)

// shortened are words as they are written short, and as they are compared.
var shortened = func() map[string]string {
	list := `st street|str street|rd road|ave avenue|av avenue|blvd boulevard|bldg building|bld building|bldng building|apt apartment|fl floor|
		flr floor|ste suite|sq square|ln lane|dr drive|hwy highway|pkwy parkway|ct court|pl place|ter terrace|strasse street|straße street|
		nr number|no number|ind industrial|wks works|wrks works|constr construction|const construction|constrn construction|
		contr contracting|contrs contractors|contg contracting|cont contracting|cntr contracting|trdg trading|trd trading|
		eng engineering|engg engineering|engr engineering|engrg engineering|intl international|int international|mfg manufacturing|svc services|
		svcs services|serv services|srv services|service services|mech mechanical|elec electrical|elect electrical|
		grp group|gp group|bros brothers|mgmt management|mgt management|dev development|devt development|tech technical|equip equipment|
		equipt equipment|ind industries|indus industries|dept department|govt government|univ university|hosp hospital|sch school|assoc associates|
		arch architects|sys systems|ctr center|centre center|mtl material|matl material|ph phase|blk block|
		muhammad mohammed|muhammed mohammed|mohamed mohammed|mohammad mohammed|mohd mohammed`
	all := map[string]string{}
	for _, pair := range strings.Split(list, "|") {
		short, long, _ := strings.Cut(strings.TrimSpace(pair), " ")
		if _, ok := all[short]; !ok {
			all[fold(short)] = fold(long)
		}
	}
	return all
}()

// common are words that many names have: what firms do, what is built, where, and first names. Two names that share no others share
// almost nothing.
var common = setOf(`construction constructions contracting contractor contractors trading trade general group holding holdings
	international global national services company industries industrial industry engineering engineers enterprise enterprises solutions
	systems system development developments developers projects project building buildings builders works work materials material supply
	supplies equipment logistics transport transportation technical technology technologies design designs consulting consultants consultancy
	management electrical mechanical electromechanical plumbing steel concrete roofing painting interiors interior landscaping scaffolding
	waterproofing insulation facade facades glass demolition piling elevators lift hire rental rentals paving masonry joinery flooring tiling
	fencing drilling haulage timber drywall groundworks surveyors architects civil plant mix ready maintenance manufacturing investment
	investments real estate properties property associates partners brothers sons son center limited number
	tower towers mall hospital school villas villa station metro warehouse substation bridge stadium residences residence office park pumping
	hotel library depot surgery apartments viaduct reservoir primary data care home wind farm bus garage swimming pool phase block road roads
	street avenue floor suite unit building area zone
	installation fire alarm internal external partitions finishes additional quantities revised detail change scope
	doha qatar dubai gulf arabian arab middle east eastern western north south west london berlin riyadh jeddah saudi kuwait bahrain oman
	emirates abu dhabi sharjah manama muscat american british german french european united world new city
	john david maria peter anna james robert michael thomas paul george mark william carlos jose juan lars hans jean pierre ali mohammed ahmed
	abdullah hassan hussein omar khalid ibrahim yousef khalifa fatima sara priya elena
	مقاولات تجارة هندسة نقليات ديكور حديد خدمات مجموعة عامة عقارية تطوير صناعات مواد بناء كهرباء محمد احمد علي عبدالله
	الدوحة قطر الخليج دوحة خليج`)
