# uniqueness-variance.gp -- $Var log|det J|$ of exact flows between the same
# two laws, by pair. Grey bars: from the comonotone to the antitone coupling of
# $log p_X$ and $log p_Z$ (C1.7), which no flow leaves, by quadrature (not done
# for FGM beyond two dimensions, nor for the Gumbel law); thin dashed bars: the
# bracket of the two standard deviations (C1.2c), exact. Two flows of a pair
# differ wherever their points do; bars of five standard errors.
width = 960; height = 470
load 'plots/style.gp'

file = out.'/uniqueness-exact.csv'
stats file using 'd' nooutput
set ylabel 'Var log |det J|, per dimension [nats^2]'
set yrange [-0.15:3.7]
set xrange [-0.7:STATS_records - 0.3]
set key top right font ',11' maxrows 2
set xtics rotate by -60 font ',11'
set xlabel 'pair of exact flows, and dimension' offset 0,1
per(c) = column(c) / column('d')
root(c) = sqrt(column(c))
low(x) = (root('variance_log_density') - root('variance_log_base'))**2 / column('d')
high(x) = (root('variance_log_density') + root('variance_log_base'))**2 / column('d')
name(x) = stringcolumn('case').' '.stringcolumn('d').(column('parameter') > 0 ? ', a = '.stringcolumn('parameter') : '')
set bmargin 8
set rmargin 3

plot file using 0:(0.5 * (per('comonotone_variance') + per('antitone_variance'))):(0.32):(0.5 * (per('antitone_variance') - per('comonotone_variance'))):xtic(name(0)) \
         with boxxyerror fs solid 0.25 noborder lc rgb '#888888' title 'all couplings', \
     '' using 0:(low(0)):(0.4) with xerrorbars ls theory lw 1.2 pt 0 title 'bracket (C1.2c)', \
     '' using 0:(high(0)):(0.4) with xerrorbars ls theory lw 1.2 pt 0, \
     '' using ($0 - 0.12):(per('variance_f')):(5 * per('se_variance_f')) with yerrorbars ls 1 ps 0.8 title 'f', \
     '' using ($0 + 0.12):(per('variance_g')):(5 * per('se_variance_g')) with yerrorbars ls 2 dt 1 ps 0.8 title 'g'
