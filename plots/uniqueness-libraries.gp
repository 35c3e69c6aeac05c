# uniqueness-libraries.gp -- What flows of two libraries, trained on one table,
# say of points that neither was trained on: log-density of the one against that
# of the other, which lies along the dashed diagonal, and $log|det J|$ likewise,
# which does not. Top: two moons, of known density; bottom: iris.
width = 1000; height = 680
load 'plots/style.gp'

file = out.'/uniqueness-answers.csv'
first = '"zuko NSF" "zuko NSF" "nflows MAF"'
second = '"nflows MAF" "jacflow spline" "jacflow spline"'
tables = '"two-moons" "iris"'
pick(row, k, x) = stringcolumn('target') eq word(tables, row) \
    && stringcolumn('flow_a') eq word(first, k) \
    && stringcolumn('flow_b') eq word(second, k) ? x : NaN

set multiplot layout 2, 3 margins 0.075, 0.985, 0.09, 0.95 spacing 0.085, 0.15
do for [row = 1:2] {
    set xrange [row == 1 ? -6 : -14 : row == 1 ? 5 : 7]
    set yrange [row == 1 ? -6 : -14 : row == 1 ? 5 : 7]
    set tics row == 1 ? 2 : 4
    size = row == 1 ? 0.3 : 0.6
    do for [k = 1:3] {
        set title (k == 2 ? (row == 1 ? 'two moons' : 'iris') : '') offset 0,-0.6
        set xlabel word(first, k).' [nats]' offset 0,0.4
        set ylabel word(second, k).' [nats]' offset 0,0
        unset key
        unset label
        if (row == 1 && k == 1) {
            set label 1 'log |det J|' at -3.5, 3.5 tc ls 2
            set label 2 'log q' at -1.2, -3.5 tc ls 1
        }
        plot file using (pick(row, k, column('log_abs_det_a'))):'log_abs_det_b' \
                 with points ls 2 ps size, \
             '' using (pick(row, k, column('log_q_a'))):'log_q_b' \
                 with points ls 1 ps size, \
             x with lines ls theory notitle
    }
}
unset multiplot
