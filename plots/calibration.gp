# calibration.gp -- What make calibrate found over seeds; from left to right the
# rows of all experiments, by program. Top: the share of a row's runs that ended
# in an unintended verdict, that left it undecided, and in which its control,
# 1.5 times its detectable error planted in the same sample, was not refuted; a
# row without a mark has none of these. Dashed: 2 of 100, what may be undecided;
# 3 of 100, what a control may miss. Bottom: the p-value of the row's p-values
# over the seeds against their law, uniform for point nulls, not below uniform
# for inequalities; values below 1e-6 are drawn there. Dashed: the level of 1e-3
# shared by the rows that have any.
width = 1000; height = 560
load 'plots/style.gp'

file = out.'/calibration.csv'
share(k, n) = n > 0 && k > 0 ? 1. * k / n : NaN
floored(p) = p > 1e-6 ? p : 1e-6
tested = 0; rows = 0; last = ''; ends = ''; names = ''
count(p, who) = (rows = rows + 1, tested = tested + (p == p), \
    ends = who eq last ? ends : ends.sprintf(' %g', rows - 0.5), \
    names = who eq last ? names : names.' '.who, last = who, 0)
stats file using (count(column('p_uniform'), stringcolumn('program'))) nooutput
ends = ends.sprintf(' %g', rows + 0.5)

set multiplot layout 2, 1
set xrange [0:rows + 1]
set logscale y
set lmargin 12
set rmargin 3
set key outside top right horizontal samplen 1.5
unset xtics
do for [k = 1:words(names)] {
    left = word(ends, k) + 0; right = word(ends, k + 1) + 0
    set arrow k + 10 from left, graph 0 to left, graph 1 nohead lc rgb '#999999' lw 0.5
    # A name where there is room for it: 15 letters take a tenth of the width.
    if (15 * (right - left) > 0.11 * rows * strlen(word(names, k))) {
        set label k + 10 word(names, k) at 0.5 * (left + right), graph -0.08 center noenhanced font ',11'
    }
}
set bmargin 2.4
set tmargin 3.5
set yrange [2e-3:1.5]
set format y '%g'
set ylabel 'share of runs'
plot file using ($0 + 1):(share(column('unintended'), column('runs'))) with points ls 2 ps 1 title 'unintended', \
     '' using ($0 + 1):(share(column('undecided'), column('runs'))) with points ls 8 ps 1.1 title 'undecided', \
     '' using ($0 + 1):(share(column('controls') - column('control_refuted'), column('controls'))) with points ls 3 ps 0.9 title 'planted error not refuted', \
     0.02 with lines ls theory title '2 and 3 of 100', 0.03 with lines ls theory
set tmargin 2
set yrange [5e-7:1.5]
set format y '10^{%T}'
set ylabel 'p of the p-values'
law(s) = stringcolumn('p_law') eq s ? floored(column('p_uniform')) : NaN
plot file using ($0 + 1):(law('uniform')) with points ls 1 title 'point nulls', \
     '' using ($0 + 1):(law('not below')) with points ls 5 ps 0.9 title 'inequalities', \
     1e-3 / (tested > 0 ? tested : 1) with lines ls theory title 'level'
unset multiplot
